#include "http_request.h"

#include <string.h>

enum { INCOMPLETE = 0, OK = 200, BAD_REQUEST = 400, FIELDS_TOO_LARGE = 431, VERSION_NOT_SUPPORTED = 505 };

// ---- Text --------------------------------------------------------------------------------------

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

bool text_equals(struct text text, const char* string) {
    return text.size == strlen(string) && memcmp(text.at, string, text.size) == 0;
}

bool text_equals_ignoring_case(struct text text, const char* string) {
    if (text.size != strlen(string)) return false;
    for (size_t i = 0; i < text.size; i++)
        if (lower(text.at[i]) != lower(string[i])) return false;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_visible(char c) { return c > ' ' && c < 0x7f; }

static bool is_token(struct text text) {
    for (size_t i = 0; i < text.size; i++)
        if (!is_visible(text.at[i]) || strchr("\"(),/:;<=>?@[\\]{}", text.at[i]) != NULL) return false;
    return text.size != 0;
}

static struct text trimmed(struct text text) {
    while (text.size != 0 && is_blank(text.at[0])) text = (struct text){text.at + 1, text.size - 1};
    while (text.size != 0 && is_blank(text.at[text.size - 1])) text.size--;
    return text;
}

// Removes and returns the text before the separator, and removes the separator. Without a separator, removes and
// returns all of the text.
static struct text take_until(struct text* rest, char separator) {
    const char* end = rest->size == 0 ? NULL : memchr(rest->at, separator, rest->size);
    struct text taken = {rest->at, end == NULL ? rest->size : (size_t)(end - rest->at)};
    size_t skipped = end == NULL ? taken.size : taken.size + 1;
    *rest = (struct text){rest->at + skipped, rest->size - skipped};
    return taken;
}

// ---- Fields ------------------------------------------------------------------------------------

// Returns 400 if the value is not a number, or differs from an earlier Content-Length.
static int parse_content_length(struct http_request* request, struct text value) {
    uint64_t length = 0;

    if (value.size == 0) return BAD_REQUEST;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.at[i]) || length > UINT64_MAX / 10 - 1) return BAD_REQUEST;
        length = length * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (request->has_length && request->content_length != length) return BAD_REQUEST;
    request->has_length = true;
    request->content_length = length;
    return OK;
}

static void parse_connection(struct http_request* request, struct text value) {
    while (value.size != 0) {
        struct text option = trimmed(take_until(&value, ','));
        if (text_equals_ignoring_case(option, "close")) request->keep_alive = false;
        if (request->minor == 0 && text_equals_ignoring_case(option, "keep-alive")) request->keep_alive = true;
    }
}

static int parse_host(struct http_request* request) {
    if (request->has_host) return BAD_REQUEST;
    request->has_host = true;
    return OK;
}

static int parse_field(struct http_request* request, struct text line) {
    struct text value = line;
    struct text name = take_until(&value, ':');

    // A blank in or after the name is an error. So a line that continues the previous line is refused, because it
    // begins with a blank.
    if (name.size == line.size || !is_token(name)) return BAD_REQUEST;
    value = trimmed(value);
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.at[i] < ' ' && value.at[i] != '\t') return BAD_REQUEST;

    if (text_equals_ignoring_case(name, "host")) return parse_host(request);
    if (text_equals_ignoring_case(name, "content-length")) return parse_content_length(request, value);
    if (text_equals_ignoring_case(name, "transfer-encoding")) request->chunked = true;
    if (text_equals_ignoring_case(name, "connection")) parse_connection(request, value);
    if (text_equals_ignoring_case(name, "expect")) request->expects = true;
    if (text_equals_ignoring_case(name, "range")) request->range = value;
    if (text_equals_ignoring_case(name, "if-range")) request->if_range = value;
    if (text_equals_ignoring_case(name, "if-modified-since")) request->if_modified_since = value;
    return OK;
}

// ---- The head ----------------------------------------------------------------------------------

static int parse_version(struct http_request* request, struct text version) {
    if (version.size != 8 || memcmp(version.at, "HTTP/", 5) != 0) return BAD_REQUEST;
    if (!is_digit(version.at[5]) || version.at[6] != '.' || !is_digit(version.at[7])) return BAD_REQUEST;
    if (version.at[5] != '1') return VERSION_NOT_SUPPORTED;
    request->minor = version.at[7] - '0';
    request->keep_alive = request->minor >= 1;
    return OK;
}

static int parse_request_line(struct http_request* request, struct text line) {
    request->method = take_until(&line, ' ');
    request->target = take_until(&line, ' ');

    if (!is_token(request->method) || request->target.size == 0) return BAD_REQUEST;
    for (size_t i = 0; i < request->target.size; i++)
        if (!is_visible(request->target.at[i])) return BAD_REQUEST;
    return parse_version(request, line);
}

// Takes a line, without its end, if it is complete. Returns 400 if the line does not end with CR LF.
static int take_line(struct text* rest, struct text* line) {
    const char* end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);
    if (end == NULL) return INCOMPLETE;
    *line = take_until(rest, '\n');
    if (line->size == 0 || line->at[line->size - 1] != '\r') return BAD_REQUEST;
    line->size--;
    return OK;
}

// True if no request can begin with these bytes; the first bytes of TLS are an example. If so, the server need not wait
// for the rest of the line.
static bool cannot_begin_line(struct text rest) {
    return rest.size != 0 && !is_visible(rest.at[0]) && rest.at[0] != '\r';
}

static int parse_lines(struct text* rest, struct http_request* request) {
    struct text line;
    int status = take_line(rest, &line);

    // Old clients send an empty line after the body of the previous request.
    if (status == OK && line.size == 0) status = take_line(rest, &line);
    if (status == INCOMPLETE && cannot_begin_line(*rest)) return BAD_REQUEST;
    if (status != OK) return status;
    status = parse_request_line(request, line);
    for (unsigned fields = 0; status == OK; fields++) {
        status = take_line(rest, &line);
        if (status != OK || line.size == 0) break;
        status = fields == HTTP_FIELDS_MAX ? FIELDS_TOO_LARGE : parse_field(request, line);
    }
    return status;
}

int http_request_parse(const char* data, size_t available, struct http_request* request, size_t* size) {
    struct text rest = {data, available};

    memset(request, 0, sizeof(*request));
    int status = parse_lines(&rest, request);
    if (status != OK) return status;
    *size = available - rest.size;
    if (request->minor >= 1 && !request->has_host) return BAD_REQUEST;
    if (request->chunked && request->has_length) return BAD_REQUEST;
    return OK;
}
