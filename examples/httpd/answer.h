// Determines the answer to a request: the fields of the response's head, and the file to send.
#ifndef ANSWER_H
#define ANSWER_H

#include "http_request.h"
#include "response.h"
#include "site.h"
#include "target.h"

enum { BODY_MAX = 65536 };  // max bytes of a request's body that are read, and discarded

struct answer {
    struct response response;
    struct file file;  // descriptor -1: there is no file, and the content is the reason phrase
    bool without_content;
    bool linger;  // the client may still be sending
    char location[TARGET_SIZE];
};

// Makes the answer to a request. Blocks for as long as opening a file does. The caller must close the file.
void answer_request(struct answer* answer, const struct http_request* request, int root);

// Makes the answer to bytes that are not a valid request; `status` says why not.
void answer_error(struct answer* answer, int status);

#endif
