# SPDX-License-Identifier: Apache-2.0
# An image that loads memory as machines do: a cache that stays full, a job that grows and shrinks.
load_directory := tests/bench/load
load_sources := main.cpp server.cpp
load_features := console net rng balloon
load_files :=
load_flags := -I.
$(eval $(call tenon_image,load))
