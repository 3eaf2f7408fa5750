#include "response.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    int status;
    const char* reason;
} reasons[] = {
    {200, "OK"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char* response_reason(int status) {
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Unknown";
}

// Does not use strftime, because strftime would use the language of the locale.
void http_date(time_t time, char date[HTTP_DATE_SIZE]) {
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm utc;
    int written = -1;

    if (gmtime_r(&time, &utc) != NULL && utc.tm_year < 9999 - 1900)
        written = snprintf(date, HTTP_DATE_SIZE, "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
                           months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    if (written < 0) date[0] = '\0';
}

struct writer {
    char* at;
    size_t left;
};

// Appends the text, or nothing if the text does not fit. The buffer has room for the largest head.
static void append(struct writer* writer, const char* format, ...) {
    va_list arguments;

    va_start(arguments, format);
    int written = vsnprintf(writer->at, writer->left, format, arguments);
    va_end(arguments);
    if (written < 0 || (size_t)written >= writer->left) return;
    writer->at += written;
    writer->left -= (size_t)written;
}

static void append_content(struct writer* writer, const struct response* response) {
    char date[HTTP_DATE_SIZE];

    if (response->type != NULL) append(writer, "Content-Type: %s\r\n", response->type);
    if (response->status != 304) append(writer, "Content-Length: %" PRIu64 "\r\n", response->length);
    if (response->status == 206)
        append(writer, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", response->range.first,
               response->range.first + response->range.size - 1, response->file_size);
    if (response->status == 416) append(writer, "Content-Range: bytes */%" PRIu64 "\r\n", response->file_size);
    if (response->modified == 0) return;
    http_date(response->modified, date);
    append(writer, "Accept-Ranges: bytes\r\nLast-Modified: %s\r\n", date);
}

size_t response_head(const struct response* response, time_t now, char head[RESPONSE_HEAD_SIZE]) {
    struct writer writer = {head, RESPONSE_HEAD_SIZE};
    char date[HTTP_DATE_SIZE];

    http_date(now, date);
    append(&writer, "HTTP/1.1 %d %s\r\nDate: %s\r\n", response->status, response_reason(response->status), date);
    if (response->status == 405) append(&writer, "Allow: GET, HEAD\r\n");
    if (response->status == 301) append(&writer, "Location: %s\r\n", response->location);
    append_content(&writer, response);
    if (!response->keep_alive) append(&writer, "Connection: close\r\n");
    if (response->keep_alive && response->minor == 0) append(&writer, "Connection: keep-alive\r\n");
    append(&writer, "\r\n");
    return RESPONSE_HEAD_SIZE - writer.left;
}
