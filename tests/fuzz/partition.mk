# SPDX-License-Identifier: Apache-2.0
fuzz_partition := kernel/partition/mbr.cpp kernel/partition/gpt.cpp
