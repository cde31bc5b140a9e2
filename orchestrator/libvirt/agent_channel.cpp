// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/agent_channel.hpp"

#include "orchestrator/libvirt/virt_text.hpp"

#include <pugixml.hpp>

#include <string_view>

namespace rescue::libvirt {

bool agent_is_connected(virDomain* domain) {
  const VirtText xml(virDomainGetXMLDesc(domain, 0));
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return false;
  for (const auto channel : document.child("domain").child("devices").children("channel")) {
    const auto target = channel.child("target");
    if (std::string_view(target.attribute("name").value()) != "org.qemu.guest_agent.0") continue;
    return std::string_view(target.attribute("state").value()) == "connected";
  }
  return false;
}

}  // namespace rescue::libvirt
