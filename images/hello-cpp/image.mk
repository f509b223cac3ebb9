# SPDX-License-Identifier: Apache-2.0
# C++ with its whole library: streams, threads, exceptions.
hello-cpp_directory := images/hello-cpp
hello-cpp_sources := main.cpp
hello-cpp_features := console
hello-cpp_files :=
$(eval $(call tenon_image,hello-cpp))
