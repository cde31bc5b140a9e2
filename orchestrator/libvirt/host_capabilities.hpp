// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What libvirt says of this host, read out of its capability documents.

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

namespace rescue::libvirt {

/// The user and group that libvirt gives to QEMU.
struct QemuUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// From virConnectGetCapabilities: the DAC base label, "+64055:+64055"; none when QEMU runs as whoever started it.
[[nodiscard]] std::optional<QemuUser> qemu_user(const std::string& capabilities_xml);

/// From virConnectGetDomainCapabilities: the names of the Hyper-V enlightenments; none where it lists none at all.
[[nodiscard]] std::optional<std::set<std::string>> hyperv_features(const std::string& domain_capabilities_xml);

/// Why QEMU's user can't use a device that is there: libvirt then looks QEMU's abilities up anew at every start, for
/// many seconds. Empty when all is well, also when there is no such device. Throws `subprocess`.
[[nodiscard]] std::string device_problem(const std::string& device, const QemuUser& user);

/// Makes the folder of `path` with mode 0700 for that user: QEMU creates its VNC socket there itself. Throws `io`.
void prepare_private_folder(const std::string& path, const std::optional<QemuUser>& user);

}  // namespace rescue::libvirt
