// SPDX-License-Identifier: Apache-2.0
// In an image without the feature `net` whose program has local sockets (images/link.sh): there are none of IP.
#include "userland/posix/net/socket_file.h"

namespace tenon::posix {

Outcome<FileReference> make_internet_socket(int, int, int, int) { return fail_with(EAFNOSUPPORT); }

Outcome<> get_internet_option(SocketFile&, int, int, OptionValue&) { return fail_with(EOPNOTSUPP); }

}  // namespace tenon::posix
