/* A message together with its shape, so that code which knows neither can encode it. Any thread. */
#ifndef KIT_JSON_BODY_H
#define KIT_JSON_BODY_H

#include <stddef.h>

struct kit_shape;

/* Borrowed. Without a shape there is none. */
struct kit_body {
    const struct kit_shape *shape;
    const void *message;
};

/* KIT_BODY(rpc_get_request, &msg): a pointer to a struct of another message does not compile. */
#define KIT_BODY(name, pointer)                                                                    \
    ((struct kit_body){ .shape = &msg_##name##_shape,                                              \
                        .message = 1 ? (pointer) : (const struct msg_##name *)NULL })

#endif
