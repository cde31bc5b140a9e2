// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Short forms for building an answer file: every text goes through pugixml, which escapes it.

#include <pugixml.hpp>

#include <string>

namespace rescue::windows {

inline pugi::xml_node add(pugi::xml_node parent, const char* name) { return parent.append_child(name); }

inline pugi::xml_node add_text(pugi::xml_node parent, const char* name, const std::string& text) {
  auto node = parent.append_child(name);
  node.text().set(text.c_str());
  return node;
}

inline void add_flag(pugi::xml_node parent, const char* name, bool value) {
  add_text(parent, name, value ? "true" : "false");
}

inline void add_number(pugi::xml_node parent, const char* name, unsigned value) {
  add_text(parent, name, std::to_string(value));
}

/// An element of a list: Setup merges lists by this attribute.
inline pugi::xml_node add_item(pugi::xml_node parent, const char* name) {
  auto node = parent.append_child(name);
  node.append_attribute("wcm:action").set_value("add");
  return node;
}

inline pugi::xml_node add_keyed_item(pugi::xml_node parent, const char* name, const std::string& key) {
  auto node = add_item(parent, name);
  node.append_attribute("wcm:keyValue").set_value(key.c_str());
  return node;
}

/// A component of Windows with the attributes that name it on 64-bit PCs.
inline pugi::xml_node add_component(pugi::xml_node pass, const char* name) {
  auto node = pass.append_child("component");
  node.append_attribute("name").set_value(name);
  node.append_attribute("processorArchitecture").set_value("amd64");
  node.append_attribute("publicKeyToken").set_value("31bf3856ad364e35");
  node.append_attribute("language").set_value("neutral");
  node.append_attribute("versionScope").set_value("nonSxS");
  return node;
}

inline pugi::xml_node add_pass(pugi::xml_node root, const char* name) {
  auto node = root.append_child("settings");
  node.append_attribute("pass").set_value(name);
  return node;
}

}  // namespace rescue::windows
