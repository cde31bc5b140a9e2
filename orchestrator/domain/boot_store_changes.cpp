// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/boot_store_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace rescue::domain {
namespace {

constexpr std::string_view description_type = "12000004";
/// The boot manager's object, of the same name everywhere ("BCD Objects", Microsoft).
constexpr std::string_view manager_object = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";

const std::string* value_of_element(const BootObject& object, std::string_view type) {
  for (const auto& element : object.elements) {
    if (element.type == type) return &element.value;
  }
  return nullptr;
}

const BootObject* find_object(const std::vector<BootObject>& objects, const std::string& id) {
  const auto found =
      std::find_if(objects.begin(), objects.end(), [&](const BootObject& object) { return object.id == id; });
  return found == objects.end() ? nullptr : &*found;
}

/// Names objects as they were before, else as they are now.
class ObjectNames {
public:
  ObjectNames(const std::vector<BootObject>& before, const std::vector<BootObject>& after)
      : before_(before), after_(after) {}

  [[nodiscard]] std::string name(const std::string& id) const {
    for (const auto* const objects : {&before_, &after_}) {
      const auto* const object = find_object(*objects, id);
      const auto* const description = object == nullptr ? nullptr : value_of_element(*object, description_type);
      if (description != nullptr && !description->empty()) return "'" + *description + "'";
    }
    return id;
  }
  /// A value with the names of the objects that it lists.
  [[nodiscard]] std::string value(const std::string& type, const std::string& value) const {
    const char format = type.size() > 1 ? type[1] : '0';
    if (format != '3' && format != '4') return "'" + value + "'";
    std::string text;
    for (std::size_t at = 0; at < value.size();) {
      const auto end = std::min(value.find(' ', at), value.size());
      if (end > at) text += (text.empty() ? "" : ", ") + name(value.substr(at, end - at));
      at = end + 1;
    }
    return text.empty() ? "nothing" : text;
  }

private:
  const std::vector<BootObject>& before_;
  const std::vector<BootObject>& after_;
};

void compare_elements(const BootObject& before, const BootObject& after, const ObjectNames& names,
                      std::vector<BootStoreChange>& changes) {
  const bool manager = before.id == manager_object;
  const auto entry = "boot configuration: entry " + names.name(before.id);
  const auto add = [&](const std::string& text) {
    changes.push_back({ChangeCode::boot_entry_changed, fmt::format("{}: {}", entry, text)});
  };
  for (const auto& element : before.elements) {
    const auto element_name = name_of_boot_element(element.type, manager);
    const auto was = names.value(element.type, element.value);
    const auto* const now = value_of_element(after, element.type);
    if (now == nullptr) {
      add(fmt::format("{} was removed; it was {}", element_name, was));
    } else if (*now != element.value) {
      add(fmt::format("{} changed from {} to {}", element_name, was, names.value(element.type, *now)));
    }
  }
  for (const auto& element : after.elements) {
    if (value_of_element(before, element.type) != nullptr) continue;
    add(fmt::format("{} was set to {}", name_of_boot_element(element.type, manager),
                    names.value(element.type, element.value)));
  }
}

}  // namespace

std::string name_of_boot_element(const std::string& type, bool manager) {
  // The names that bcdedit shows ("BCD Elements", Microsoft).
  constexpr std::array<std::pair<std::string_view, std::string_view>, 21> names{{{"11000001", "device"},
                                                                                 {"12000002", "path"},
                                                                                 {"12000004", "description"},
                                                                                 {"12000005", "locale"},
                                                                                 {"14000006", "inherit"},
                                                                                 {"14000008", "recoverysequence"},
                                                                                 {"16000009", "recoveryenabled"},
                                                                                 {"16000010", "bootdebug"},
                                                                                 {"16000020", "bootems"},
                                                                                 {"16000040", "advancedoptions"},
                                                                                 {"16000048", "nointegritychecks"},
                                                                                 {"16000049", "testsigning"},
                                                                                 {"21000001", "osdevice"},
                                                                                 {"22000002", "systemroot"},
                                                                                 {"23000003", "resumeobject"},
                                                                                 {"25000020", "nx"},
                                                                                 {"25000080", "safeboot"},
                                                                                 {"250000c2", "bootmenupolicy"},
                                                                                 {"250000e0", "bootstatuspolicy"},
                                                                                 {"26000022", "winpe"},
                                                                                 {"260000a0", "debug"}}};
  // Numbers of the boot manager's own.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names_of_manager{
      {{"23000003", "default"},
       {"23000006", "resumeobject"},
       {"24000001", "displayorder"},
       {"24000002", "bootsequence"},
       {"24000010", "toolsdisplayorder"},
       {"25000004", "timeout"}}};
  for (const auto& [number, name] : names_of_manager) {
    if (manager && number == type) return std::string(name);
  }
  const auto* const found =
      std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == type; });
  return found == names.end() ? "element " + type : std::string(found->second);
}

std::vector<BootStoreChange> boot_store_changes(const std::vector<BootObject>& before,
                                                const std::vector<BootObject>& after) {
  const ObjectNames names(before, after);
  std::vector<BootStoreChange> changes;
  for (const auto& object : before) {
    if (const auto* const now = find_object(after, object.id)) {
      compare_elements(object, *now, names, changes);
    } else {
      changes.push_back({ChangeCode::boot_entry_removed,
                         fmt::format("boot configuration: entry {} was removed", names.name(object.id))});
    }
  }
  for (const auto& object : after) {
    if (find_object(before, object.id) != nullptr) continue;
    const auto* const path = value_of_element(object, "12000002");
    changes.push_back(
        {ChangeCode::boot_entry_added, fmt::format("boot configuration: entry {} was added{}", names.name(object.id),
                                                   path == nullptr ? "" : ", path '" + *path + "'")});
  }
  return changes;
}

}  // namespace rescue::domain
