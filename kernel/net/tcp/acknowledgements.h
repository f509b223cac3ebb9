// SPDX-License-Identifier: Apache-2.0
// Acknowledgements of what arrives in one batch of frames. One for each two segments costs the machine and its peer
// more than the data where the device has not joined segments; as with Linux's receive offload (GRO), a batch is
// acknowledged as a whole.
#pragma once

struct tcp_pcb;

namespace tenon::net {

/// From here on, acknowledgements of data that arrives in order may wait. With the core lock held, which must not be
/// released before end_acknowledgement_batch().
void begin_acknowledgement_batch();
/// Sends those that wait.
void end_acknowledgement_batch();
/// The control block is about to be freed.
void forget_acknowledgement(const tcp_pcb& pcb);

}  // namespace tenon::net
