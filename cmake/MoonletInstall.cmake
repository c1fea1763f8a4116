# cmake --install: the public headers, libmoonlet.a, the package files for CMake and pkg-config, and
# the moonlet program.
