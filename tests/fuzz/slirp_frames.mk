# SPDX-License-Identifier: Apache-2.0
fuzz_slirp_frames := $(addprefix hv/devices/slirp/,internet.cpp host_address.cpp frame_filter.cpp reassembly.cpp \
	tcp_segment.cpp vnet_header.cpp)
