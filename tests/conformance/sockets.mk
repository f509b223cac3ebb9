# SPDX-License-Identifier: Apache-2.0
sockets_directory := tests/conformance/sockets
sockets_sources := $(notdir $(wildcard tests/conformance/sockets/*.cpp))
sockets_features := console net
sockets_files :=
$(eval $(call tenon_image,sockets))
