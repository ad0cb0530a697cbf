/* What the proxy does with whole packets. Private to proxy.c and proxy_pass.c. One thread. */
#ifndef SIM_WIRE_PROXY_PASS_H
#define SIM_WIRE_PROXY_PASS_H

#include "wire/proxy.h"

/* Moves whole packets from what was read to what is to be written. False: broken, or overloaded. */
bool sim_proxy_pass(struct sim_proxy *proxy);

/* Frees what is held, remembered and recorded. */
void sim_proxy_forget(struct sim_proxy *proxy);

/* Drops the first bytes of a buffer. */
void sim_buf_drop(struct kit_buf *buf, size_t size_bytes);

#endif
