# SPDX-License-Identifier: Apache-2.0
fuzz_loader := $(addprefix images/loader/,carried.cpp command_line.cpp image.cpp)
