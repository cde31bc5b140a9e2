// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Short forms for building XML: every text goes through pugixml, which escapes it.

#include <pugixml.hpp>

#include <initializer_list>
#include <string>
#include <utility>

namespace rescue::libvirt {

using XmlAttributes = std::initializer_list<std::pair<const char*, std::string>>;

inline pugi::xml_node add(pugi::xml_node parent, const char* name, XmlAttributes attributes = {}) {
  auto node = parent.append_child(name);
  for (const auto& [key, value] : attributes) node.append_attribute(key).set_value(value.c_str());
  return node;
}

inline pugi::xml_node add_text(pugi::xml_node parent, const char* name, const std::string& text,
                               XmlAttributes attributes = {}) {
  auto node = add(parent, name, attributes);
  node.text().set(text.c_str());
  return node;
}

}  // namespace rescue::libvirt
