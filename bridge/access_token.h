/* Tokens and cookies as they travel: 256 random bits, of which only SHA-256 is kept anywhere. What
 * comes from the network is nothing until its hash is found. Pure. */
#ifndef BRIDGE_ACCESS_TOKEN_H
#define BRIDGE_ACCESS_TOKEN_H

#include "kit/base/error.h"
#include "kit/base/mac.h"

#define ACCESS_TOKEN_BYTES 32
#define ACCESS_TOKEN_SIZE 69         /* "lss_", 64 hexadecimal digits and NUL */
#define ACCESS_SESSION_PREFIX "lss_" /* of a person who signed in */
#define ACCESS_API_PREFIX "lst_"     /* of a program */
#define ACCESS_LINK_PREFIX "lsl_"    /* of a one-time link that sets a password */
#define ACCESS_COOKIE "__Host-lockstock"

/* How somebody shows who they are. */
enum access_way {
    ACCESS_NOTHING = 0,
    ACCESS_BEARER = 1,
    ACCESS_BY_COOKIE = 2,  /* sent by the browser, whoever made it send something */
    ACCESS_UNREADABLE = 3, /* there is something, and it is no token of ours */
};

/* What came with a request. */
struct access_proof {
    enum access_way way;
    char token[ACCESS_TOKEN_SIZE]; /* "" unless ACCESS_BEARER or ACCESS_BY_COOKIE */
};

/* Reads the headers, NULL when absent. Authorization wins: no page of another site can make a
 * browser send it. A cookie of another name is none of ours, and two of ours are none. */
void access_proof_read(const char *authorization, const char *cookie, struct access_proof *ret);

/* A token of that prefix out of random bytes. */
void access_token_write(const char *prefix, const uint8_t bytes[ACCESS_TOKEN_BYTES],
                        char ret_token[ACCESS_TOKEN_SIZE]);

/* "lss_", "lst_" or "lsl_", and 64 small hexadecimal digits. */
bool access_token_is(const char *text);

/* What is stored of it, and looked up. */
void access_token_hash(const char *token, char ret_hex[KIT_MAC_HEX_SIZE]);

/* What a page must send along in X-CSRF-Token: an HMAC under the token, which only the browser and
 * we know. access_token_is() has been true. */
void access_token_csrf(const char *token, char ret_hex[KIT_MAC_HEX_SIZE]);

#endif
