# SPDX-License-Identifier: Apache-2.0
# c-ares (unpacked by setup/cares.sh, not part of this repository), which finds the addresses of names: kernel.mk
# includes this.

CARES_SOURCE := $(BUILD)/cares/src
CARES_INCLUDES := -Iuserland/posix/net/cares -isystem $(CARES_SOURCE)/include
# Third-party code: without our warnings, which are about style. It is compiled for size, as its speed does not matter.
CARES_CFLAGS = $(GUEST_CFLAGS) -Os -w -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -DHAVE_CONFIG_H \
	-DCARES_STATICLIB -DCARES_NO_DEPRECATED -Iuserland/include $(CARES_INCLUDES) -isystem $(CARES_SOURCE)/src/lib

# The sources that getaddrinfo and getnameinfo need: no parsers of other records.
cares_sources := $(patsubst %,ares_%.c,_addrinfo2hostent _addrinfo_localhost _close_sockets _get_hostent \
	_parse_into_addrinfo _readaddrinfo _sortaddrinfo _read_line _timeval cancel create_query data destroy expand_name \
	expand_string fds free_hostent free_string freeaddrinfo getaddrinfo getenv gethostbyaddr getnameinfo getsock init \
	library_init llist mkquery nowarn options parse_ptr_reply process query search send strcasecmp strdup strerror \
	strsplit timeout) bitncmp.c inet_net_pton.c inet_ntop.c
CARES_OBJECTS := $(patsubst %.c,$(BUILD)/guest/obj/cares/%.o,$(cares_sources))

$(CARES_OBJECTS) $(BUILD)/guest/obj/userland/posix/net/resolver.cpp.o: $(wildcard userland/posix/net/cares/*.h)

$(BUILD)/guest/obj/cares/%.o: $(CARES_SOURCE)/src/lib/%.c userland/posix/net/cares.mk $(guest_rules) | $(SETUP)
	$(call say,CC,cares/$*.c)
	$(Q)mkdir -p $(@D) && $(GUEST_CC) $(CARES_CFLAGS) -MMD -MP -c $< -o $@

# Set-up unpacks the sources: make has no rule for them.
$(CARES_SOURCE)/%.c: | $(SETUP) ;
