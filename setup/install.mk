# SPDX-License-Identifier: Apache-2.0
# Where Tenon is installed: PREFIX, below DESTDIR for who makes a package of it.
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: install uninstall
install: hv guest-libraries loader toolchain ## install hv and what programs are built with: PREFIX=/usr/local, DESTDIR=
	$(Q)setup/install.sh install "$(PREFIX)" "$(DESTDIR)"

uninstall: ## remove what make install put there
	$(Q)setup/install.sh uninstall "$(PREFIX)" "$(DESTDIR)"
