// SPDX-License-Identifier: Apache-2.0
// All sockets that a program has open: for the rules of binding, and to close them at the program's end.
#pragma once

#include "kernel/base/intrusive_list.h"

namespace tenon::posix {

class Socket;
struct OpenSocketTag;

/// With the core lock held.
IntrusiveList<Socket, OpenSocketTag>& open_sockets();

}  // namespace tenon::posix
