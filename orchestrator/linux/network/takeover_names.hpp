// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names of the links and namespace of a takeover, for its parts and for operators.

namespace rescue::linux {

inline constexpr const char* nft_table = "rescue_takeover";
/// Host's end of the control link, with the server's MAC and addresses. nftables connects its other end to the NIC.
inline constexpr const char* control_link = "ctl0";
inline constexpr const char* control_port = "ctlp";
/// Between the VM's tap and the bridge. Frames leave `guest_link`, a port of the bridge, as they will be on the wire;
/// the guest's rules apply there. nftables connects its other end to the tap.
inline constexpr const char* guest_link = "rsvm0";
inline constexpr const char* guest_port = "rsvmp";
/// Probe's end, inside the probe namespace, and its other end, which nftables connects to the tap.
inline constexpr const char* probe_link = "prb0";
inline constexpr const char* probe_port = "prbp";
/// Namespace of readiness probes: the server's address is not local there.
inline constexpr const char* probe_namespace = "/run/netns/rescue-prb";

}  // namespace rescue::linux
