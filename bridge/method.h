/* The methods of HTTP that somebody may send us. Pure. */
#ifndef BRIDGE_METHOD_H
#define BRIDGE_METHOD_H

enum http_method {
    HTTP_GET = 0,
    HTTP_HEAD = 1,
    HTTP_POST = 2,
    HTTP_PATCH = 3,
    HTTP_DELETE = 4,
    HTTP_OPTIONS = 5,
    HTTP_OTHER = 6,   /* PUT and TRACE: methods of HTTP that nothing here takes */
    HTTP_UNKNOWN = 7, /* no method of HTTP, or CONNECT, which asks for a tunnel */
};

#define HTTP_METHOD_BIT(method) (1U << (unsigned)(method))

/* Methods are written in capitals (RFC 9110 9.1): "get" is HTTP_UNKNOWN. */
enum http_method http_method_from_text(const char *text);

/* "GET"; "OTHER" and "UNKNOWN" for what has no name here. */
const char *http_method_text(enum http_method method);

#define HTTP_ALLOW_SIZE 48

/* Writes a set of methods as the Allow header has it: "GET, HEAD, OPTIONS". @methods: bits of enum
 * http_method. */
void http_allow_text(unsigned methods, char ret_text[HTTP_ALLOW_SIZE]);

#endif
