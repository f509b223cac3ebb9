/* SPDX-License-Identifier: Apache-2.0 */
/* In place of lwIP's lwip/sockets.h and lwip/inet.h, for its core: the sockets are userland's (userland/posix/net). */
