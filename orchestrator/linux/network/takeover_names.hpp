// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The names of what a takeover leaves in the system, so that each part of it, and an operator, finds the others.

namespace rescue::linux {

inline constexpr const char* nft_table = "rescue_takeover";
/// The host's end of the control link: the server's MAC and addresses. Its other end is wired to the NIC by nftables.
inline constexpr const char* control_link = "ctl0";
inline constexpr const char* control_port = "ctlp";
/// Between the VM's tap and the bridge: frames come out of `guest_link`, a port of the bridge, as they will be on the
/// wire, and the guest's rules stand there. Its other end is wired to the tap by nftables.
inline constexpr const char* guest_link = "rsvm0";
inline constexpr const char* guest_port = "rsvmp";
/// The probe's end, inside the probe namespace, and its other end, wired to the tap by nftables.
inline constexpr const char* probe_link = "prb0";
inline constexpr const char* probe_port = "prbp";
/// Where readiness probes are made from: there the server's address is not local.
inline constexpr const char* probe_namespace = "/run/netns/rescue-prb";

}  // namespace rescue::linux
