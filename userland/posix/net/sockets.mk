# SPDX-License-Identifier: Apache-2.0
# Sockets, above lwIP's core (kernel/net/net.mk): kernel.mk includes this.

LWIP_SOCKET_INCLUDES := -DTENON_LWIP_SOCKETS -Iuserland/posix/net/lwip $(LWIP_INCLUDES)

# lwIP's sources in which the structures of <sys/socket.h> and <netdb.h> appear, if only by their size.
LWIP_SOCKET_OBJECTS := $(patsubst %.c,$(BUILD)/guest/obj/lwip/%.o,api/sockets.c api/if_api.c core/memp.c core/ipv6/inet6.c)
$(LWIP_SOCKET_OBJECTS): LWIP_CFLAGS = $(GUEST_CFLAGS) $(lwip_code) $(LWIP_SOCKET_INCLUDES)

$(LWIP_SOCKET_OBJECTS) $(patsubst %,$(BUILD)/guest/obj/%.o,$(wildcard userland/posix/net/*.cpp)): \
	$(lwip_configuration) $(wildcard userland/posix/net/lwip/*.h) userland/posix/net/sockets.mk
