// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Storage in the domain XML: the system disk first, then the server's disks with the identity of the hardware.

#include "orchestrator/domain/guest.hpp"

#include <pugixml.hpp>

namespace rescue::libvirt {

/// Adds the controllers and disks to <devices>. Throws `precondition` like `domain_xml`.
void add_storage(pugi::xml_node devices, const domain::GuestSpec& spec);

/// Adds <qemu:override> to <domain> for serials that libvirt would pass to QEMU changed, if there are any. The root
/// must declare the namespace `qemu`.
void add_serial_overrides(pugi::xml_node root, const domain::GuestSpec& spec);

}  // namespace rescue::libvirt
