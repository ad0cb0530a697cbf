/* The texts and MACs that schemas/rules/devices.md 8.6 lists, for the tests of both sides. Key:
 * 000102..1f. */
#ifndef TESTS_FAKES_MAC_VECTORS_H
#define TESTS_FAKES_MAC_VECTORS_H

#define MAC_VECTOR_TEXT_SIZE 1024
#define MAC_VECTOR_HEX_SIZE 65

struct mac_vector {
    char text[MAC_VECTOR_TEXT_SIZE]; /* as it is signed */
    char mac[MAC_VECTOR_HEX_SIZE];
};

/* The one whose text begins with `begin`; a test that finds none fails. */
void mac_vector_find(const char *begin, struct mac_vector *ret);

#endif
