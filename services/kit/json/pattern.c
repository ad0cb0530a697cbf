/* Matches the small regular expressions of the schemas, which the generator turned into tables. */
#include "kit/json/shape.h"

static bool atom_has(const struct kit_pattern_atom *atom, unsigned char c)
{
    if (c >= 128)
        return false;
    uint64_t bits = c < 64 ? atom->low : atom->high;
    return (bits >> (c & 63U) & 1U) != 0;
}

static bool alternative_matches(const struct kit_pattern_atom *atoms, const char *text)
{
    for (const struct kit_pattern_atom *atom = atoms; atom->max > 0; atom++) {
        uint32_t count = 0;
        while (count < atom->max && *text != '\0' && atom_has(atom, (unsigned char)*text)) {
            text++;
            count++;
        }
        if (count < atom->min)
            return false;
    }
    return *text == '\0';
}

bool kit_pattern_matches(const struct kit_pattern *pattern, const char *text)
{
    for (size_t i = 0; i < pattern->alternative_count; i++) {
        if (alternative_matches(pattern->alternatives[i], text))
            return true;
    }
    return false;
}
