# SPDX-License-Identifier: Apache-2.0
# What CMake must know of the system Tenon: it is a Unix, and its programs are single static files.
set(UNIX 1)
set(CMAKE_EXECUTABLE_SUFFIX "")
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
include(Platform/UnixPaths)
