// A small HTTP/1.1 server for the files below a directory.
//
//     httpd URL ROOT [IDLE]      httpd tcp://127.0.0.1:8080 public
//
// IDLE is the number of milliseconds that a client may be idle, or slow; 15000 unless it is given. The server supports
// GET and HEAD, persistent connections, pipelined requests, ranges, If-Modified-Since, index.html and content types. It
// serves neither symbolic links nor names that begin with a dot.
//
//     http_request, target, range, content_type, response    pure functions on text
//     site                                                   opens files
//     answer                                                 uses these modules to make the answer to a request
//     connection                                             receives and sends
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "connection.h"
#include "site.h"

enum { CONNECTIONS = 1000, IDLE = 15000 };

int main(int argc, char** argv) {
    usage(argc, argv, 2, 3, "URL ROOT [IDLE]",
          "Serves the files of a folder over HTTP/1.1. A connection that is silent for IDLE milliseconds is closed.");
    struct connection_options options = {-1, argc == 4 ? parse_milliseconds(argv[3]) : IDLE};

    expect(options.idle != 0, "IDLE is a number of milliseconds");
    options.root = site_open(argv[2]);
    if (options.root < 0) {
        fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    int status = server_run(argv[1], CONNECTIONS, 2, connection_begin, &options);
    close(options.root);
    return status;
}
