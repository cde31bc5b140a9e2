// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Properties of this host, read from libvirt's capability documents.

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

namespace rescue::libvirt {

/// User and group of QEMU under libvirt.
struct QemuUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// From virConnectGetCapabilities: the DAC base label, "+64055:+64055"; none when QEMU runs as the user that started
/// it.
[[nodiscard]] std::optional<QemuUser> qemu_user(const std::string& capabilities_xml);

/// From virConnectGetDomainCapabilities: the names of the Hyper-V enlightenments; none without such a list.
[[nodiscard]] std::optional<std::set<std::string>> hyperv_features(const std::string& domain_capabilities_xml);

/// Why QEMU's user can't use an existing device: libvirt then probes QEMU again at every start, for many seconds. Empty
/// without a problem or without the device. Throws `subprocess`.
[[nodiscard]] std::string device_problem(const std::string& device, const QemuUser& user);

/// Makes the folder of `path` with mode 0700 for that user: QEMU itself creates its VNC socket there. Throws `io`.
void prepare_private_folder(const std::string& path, const std::optional<QemuUser>& user);

}  // namespace rescue::libvirt
