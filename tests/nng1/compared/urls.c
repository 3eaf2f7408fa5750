// URLs: the parts that NNG 1 finds in each.
#include <stdio.h>

#include "compared.h"

static const char* const urls[] = {
    "tcp://host:80",
    "TCP://HOST:80/Path",
    "tcp://host",
    "tcp://*:80",
    "tcp://:80",
    "tcp://",
    "tcp://host:",
    "tcp://host:port",
    "tcp://host:99999",
    "tcp://[::1]:80",
    "tcp://[::1]",
    "tcp://[::1",
    "tcp://[::1]80",
    "http://user@host/a/b?c=d#e",
    "http://user:secret@host:8080/a",
    "http://a@b@host/",
    "http://a@@host/",
    "http://a@/b",
    "http://host?q",
    "http://host#f",
    "http://host/#f?q",
    "http://host/a//b///c",
    "http://host/a/./b",
    "http://host/a/../b",
    "http://host/a/..",
    "http://host/a/.",
    "http://host/..",
    "http://host/%41%2f%c3%a9",
    "http://host/%zz",
    "http://host/%4",
    "http://host/%ff",
    "http://host/a?x=/../y//z",
    "https://host/",
    "ws://host/",
    "wss4://host/",
    "ssh://host",
    "telnet6://host",
    "unknown://host:1/x",
    "ipc:///tmp/x",
    "ipc://",
    "ipc:///a/../b?c#d",
    "unix:///tmp/x",
    "abstract://x%20y",
    "inproc://name",
    "no-scheme",
    "tcp:/host",
    "://host",
    "",
};

static const char* text_of(const char* part) { return part != NULL ? part : "(none)"; }

static void compare_url(const char* text) {
    char key[64];
    nng_url* url;
    snprintf(key, sizeof key, "url %s", text);
    const int result = nng_url_parse(&url, text);
    if (result != 0) {
        say(key, "%s", name_of(result));
        return;
    }
    say(key, "scheme %s, userinfo %s, host %s, name %s, port %s, path %s, query %s, fragment %s, uri %s, raw %s",
        text_of(url->u_scheme), text_of(url->u_userinfo), text_of(url->u_host), text_of(url->u_hostname),
        text_of(url->u_port), text_of(url->u_path), text_of(url->u_query), text_of(url->u_fragment),
        text_of(url->u_requri), text_of(url->u_rawurl));
    nng_url_free(url);
}

static void compare_encoding(const char* key, const char* text) {
    nng_url* url = NULL;
    say(key, "%s", name_of(nng_url_parse(&url, text)));
    nng_url_free(url);
}

void compare_urls(void) {
    nng_url *url, *copy;
    compare_encoding("url.utf8.of_3_bytes", "http://host/%e0%a4%80");
    compare_encoding("url.utf8.surrogate", "http://host/%ed%a0%80");
    for (unsigned i = 0; i < sizeof urls / sizeof urls[0]; ++i) compare_url(urls[i]);
    need(nng_url_parse(&url, "http://user@host/a?b#c"), "nng_url_parse");
    need(nng_url_clone(&copy, url), "nng_url_clone");
    nng_url_free(url);
    say("url.clone", "%s %s %s %s %s", copy->u_rawurl, copy->u_userinfo, copy->u_port, copy->u_query, copy->u_requri);
    nng_url_free(copy);
    nng_url_free(NULL);
}
