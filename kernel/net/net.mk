# SPDX-License-Identifier: Apache-2.0
# lwIP (unpacked by setup/lwip.sh, not part of this repository) with the port in this folder: kernel.mk includes this.

LWIP_SOURCE := $(BUILD)/lwip/src/src
LWIP_INCLUDES := -Ikernel/net/lwip -isystem $(LWIP_SOURCE)/include
# Third-party code: without our warnings, which are about style.
lwip_code := -w -fno-omit-frame-pointer -fno-asynchronous-unwind-tables
LWIP_CFLAGS = $(call without_programs_headers,$(GUEST_CFLAGS)) $(lwip_code) $(LWIP_INCLUDES)

lwip_sources := api/tcpip.c \
	$(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c netif.c pbuf.c raw.c stats.c sys.c \
		tcp.c tcp_in.c tcp_out.c udp.c) \
	$(addprefix core/ipv4/,dhcp.c etharp.c icmp.c igmp.c ip4.c ip4_addr.c ip4_frag.c) \
	$(addprefix core/ipv6/,ethip6.c icmp6.c ip6.c ip6_addr.c ip6_frag.c mld6.c nd6.c) \
	netif/ethernet.c
# Seldom asked: compiled for size.
lwip_control := $(addprefix core/,init.c ipv4/dhcp.c ipv4/igmp.c ipv6/mld6.c)
LWIP_OBJECTS := $(patsubst %.c,$(BUILD)/guest/obj/lwip/%.o,$(lwip_sources))

# lwIP's configuration is included through system headers, which -MMD leaves out.
lwip_configuration := $(wildcard kernel/net/lwip/*.h kernel/net/lwip/arch/*.h)
lwip_port := $(wildcard kernel/net/*.cpp kernel/net/tcp/*.cpp)
$(LWIP_OBJECTS) $(patsubst %,$(BUILD)/guest/obj/%.o,$(lwip_port)): $(lwip_configuration)

$(BUILD)/guest/obj/lwip/%.o: $(LWIP_SOURCE)/%.c kernel/net/net.mk $(guest_rules) | $(SETUP)
	$(call say,CC,lwip/$*.c)
	$(Q)mkdir -p $(@D) && $(GUEST_CC) $(LWIP_CFLAGS) $(if $(filter $(lwip_control),$*.c),-Os) \
		-MMD -MP -c $< -o $@

# Set-up unpacks the sources: make has no rule for them.
$(LWIP_SOURCE)/%.c: | $(SETUP) ;

