# SPDX-License-Identifier: Apache-2.0
fuzz_sntp := kernel/net/sntp/packet.cpp
