// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The storage part of the domain XML: the system disk first, then the server's disks as the hardware reports them.

#include "orchestrator/domain/guest.hpp"

#include <pugixml.hpp>

namespace rescue::libvirt {

/// Adds the controllers and disks to <devices>. Throws `precondition`, see `domain_xml`.
void add_storage(pugi::xml_node devices, const domain::GuestSpec& spec);

/// Adds <qemu:override> to <domain> for the serials that libvirt would not hand to QEMU as they are, if there are any.
/// The root must declare the namespace `qemu`.
void add_serial_overrides(pugi::xml_node root, const domain::GuestSpec& spec);

}  // namespace rescue::libvirt
