# Puts a file into a C array: cmake -DIN=FILE -DOUT=FILE.c -DNAME=NAME -P embed.cmake
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
# A comma after a line end of the file itself is a good place for one of ours.
string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
set(head "/* Generated from ${NAME}; see embed.cmake. */\n#include \"scenario/scenario.h\"\n\n")
set(array "const unsigned char sim_scenario_schema[] = {\n${bytes}};\n")
set(size "const size_t sim_scenario_schema_size_bytes = sizeof(sim_scenario_schema);\n")
file(WRITE ${OUT} "${head}${array}${size}")
