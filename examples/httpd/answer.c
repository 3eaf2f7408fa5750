#include "answer.h"

#include <string.h>
#include <unistd.h>

#include "content_type.h"

static void answer_status(struct answer* answer, int status) {
    answer->response.status = status;
    answer->response.type = "text/plain; charset=utf-8";
    answer->response.length = strlen(response_reason(status)) + 1;  // including the end of line
}

void answer_error(struct answer* answer, int status) {
    memset(answer, 0, sizeof(*answer));
    answer->file.descriptor = -1;
    answer->response.minor = 1;
    answer->linger = true;
    answer_status(answer, status);
}

static void drop_file(struct answer* answer) {
    close(answer->file.descriptor);
    answer->file.descriptor = -1;
}

// True if the value is this date. Dates are compared as text, because a client sends the date in the words in which
// the server has sent it.
static bool is_date(struct text value, time_t time) {
    char date[HTTP_DATE_SIZE];
    http_date(time, date);
    return value.size != 0 && text_equals(value, date);
}

static void answer_file(struct answer* answer, const struct http_request* request, const char* path) {
    struct response* response = &answer->response;

    response->status = 200;
    response->modified = answer->file.modified;
    response->file_size = answer->file.size;
    response->range = (struct range){0, answer->file.size};
    if (is_date(request->if_modified_since, answer->file.modified)) {
        response->status = 304;
        drop_file(answer);
        answer->without_content = true;
        return;
    }
    if (request->range.size != 0 && text_equals(request->method, "GET") &&
        (request->if_range.size == 0 || is_date(request->if_range, answer->file.modified)))
        response->status = range_parse(request->range, answer->file.size, &response->range);
    if (response->status == 416) {
        drop_file(answer);
        answer_status(answer, 416);
        return;
    }
    response->type = content_type(path);
    response->length = response->range.size;
}

// Returns 200 if the server can answer the request, and otherwise the status of the error.
static int status_of_request(const struct http_request* request) {
    if (request->chunked) return 501;
    if (request->content_length > BODY_MAX) return 413;
    if (!text_equals(request->method, "GET") && !text_equals(request->method, "HEAD")) return 405;
    return 200;
}

void answer_request(struct answer* answer, const struct http_request* request, int root) {
    char path[PATH_SIZE] = "";

    memset(&answer->response, 0, sizeof(answer->response));
    answer->file = (struct file){-1, 0, 0};
    answer->without_content = text_equals(request->method, "HEAD");
    // If the end of the request's body is unknown or far away, the server cannot find the next request.
    answer->linger = request->chunked || request->expects || request->content_length > BODY_MAX;
    answer->response.minor = request->minor;
    answer->response.keep_alive = request->keep_alive && !answer->linger;

    int status = status_of_request(request);
    if (status == 200) status = target_to_path(request->target, path);
    if (status == 200) status = site_open_file(root, path, &answer->file);
    if (status == 200) {
        answer_file(answer, request, path[0] == '\0' || path[strlen(path) - 1] == '/' ? "index.html" : path);
        return;
    }
    answer_status(answer, status);
    if (status != 301) return;
    strcat(path, "/");
    path_to_target(path, answer->location);
    answer->response.location = answer->location;
}
