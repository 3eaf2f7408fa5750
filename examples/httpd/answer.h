// Makes the answer to a request.
#ifndef ANSWER_H
#define ANSWER_H

#include "http_request.h"
#include "response.h"
#include "site.h"
#include "target.h"

enum { BODY_MAX = 65536 };  // bytes of a request's body that are read, to be thrown away

struct answer {
    struct response response;
    struct file file;  // -1: the reason is the content
    bool without_content;
    bool linger;  // the client may still be sending
    char location[TARGET_SIZE];
};

// For a request. Blocks as far as opening a file does. The file is to be closed.
void answer_request(struct answer* answer, const struct http_request* request, int root);

// For what is no request: the status says why.
void answer_error(struct answer* answer, int status);

#endif
