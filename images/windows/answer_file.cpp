// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/answer_file.hpp"

#include "core/base64.hpp"
#include "images/windows/answer_commands.hpp"
#include "images/windows/answer_disk.hpp"
#include "images/windows/answer_xml.hpp"
#include "images/windows/inf_text.hpp"
#include "images/windows/setup_key.hpp"

#include <fmt/format.h>

#include <sstream>

namespace rescue::windows {
namespace {

constexpr const char* owner = "Rescue";
constexpr const char* letters_of_answer_medium[] = {"D", "E", "F", "G"};

std::string input_locale(const AnswerSettings& settings) {
  std::vector<std::string_view> inputs;
  for (const auto& name : settings.keyboards) inputs.push_back(keyboard_layout(name).input);
  return fmt::format("{}", fmt::join(inputs, ";"));
}

void add_languages(pugi::xml_node component, const AnswerSettings& settings) {
  add_text(component, "InputLocale", input_locale(settings));
  add_text(component, "SystemLocale", settings.locale);
  add_text(component, "UILanguage", settings.ui_language);
  add_text(component, "UserLocale", settings.locale);
}

/// Which letter the answer medium gets depends on the other drives: Setup takes the folders that it finds.
void add_drivers(pugi::xml_node pass, const char* name, const AnswerSettings& settings) {
  if (settings.driver_names.empty()) return;
  auto paths = add(add_component(pass, name), "DriverPaths");
  unsigned number = 0;
  for (const char* letter : letters_of_answer_medium) {
    for (const auto& driver : settings.driver_names) {
      auto path = add_keyed_item(paths, "PathAndCredentials", std::to_string(++number));
      add_text(path, "Path", fmt::format(R"({}:\drivers\{})", letter, driver));
    }
  }
}

void add_commands(pugi::xml_node component, const std::vector<SetupCommand>& commands) {
  if (commands.empty()) return;
  auto list = add(component, "RunSynchronous");
  unsigned order = 0;
  for (const auto& command : commands) {
    auto item = add_item(list, "RunSynchronousCommand");
    add_number(item, "Order", ++order);
    add_text(item, "Description", command.description);
    add_text(item, "Path", command.line);
  }
}

void add_image(pugi::xml_node setup, const AnswerSettings& settings) {
  auto image = add(add(setup, "ImageInstall"), "OSImage");
  auto metadata = add_item(add(image, "InstallFrom"), "MetaData");
  add_text(metadata, "Key", "/IMAGE/INDEX");
  add_number(metadata, "Value", settings.image_index);
  auto target = add(image, "InstallTo");
  add_number(target, "DiskID", 0);
  add_number(target, "PartitionID", windows_partition(settings.firmware));
  add_text(image, "WillShowUI", "OnError");
}

/// Evaluation media take no key; the others ask for one, even for `Never`, unless they get one that fits the edition.
void add_user_data(pugi::xml_node setup, const AnswerSettings& settings) {
  auto user = add(setup, "UserData");
  auto product = add(user, "ProductKey");
  if (const auto key = setup_key(settings.release, settings.edition_id)) add_text(product, "Key", std::string(*key));
  add_text(product, "WillShowUI", "Never");
  add_flag(user, "AcceptEula", true);
  add_text(user, "FullName", owner);
  add_text(user, "Organization", owner);
}

void add_windows_pe(pugi::xml_node root, const AnswerSettings& settings) {
  auto pass = add_pass(root, "windowsPE");
  auto international = add_component(pass, "Microsoft-Windows-International-Core-WinPE");
  add_text(add(international, "SetupUILanguage"), "UILanguage", settings.ui_language);
  add_languages(international, settings);
  add_drivers(pass, "Microsoft-Windows-PnpCustomizationsWinPE", settings);
  auto setup = add_component(pass, "Microsoft-Windows-Setup");
  add_flag(add(setup, "Diagnostics"), "OptIn", false);
  add_disk_configuration(setup, settings.firmware);
  auto updates = add(setup, "DynamicUpdate");
  add_flag(updates, "Enable", false);
  add_text(updates, "WillShowUI", "Never");
  add_image(setup, settings);
  add_commands(setup, setup_commands(settings));
  add_user_data(setup, settings);
}

/// The SAN policy is a setting of this pass only. It holds from the first start on.
void add_offline_servicing(pugi::xml_node root, const AnswerSettings& settings) {
  auto pass = add_pass(root, "offlineServicing");
  add_drivers(pass, "Microsoft-Windows-PnpCustomizationsNonWinPE", settings);
  add_number(add_component(pass, "Microsoft-Windows-PartitionManager"), "SanPolicy", san_offline_all);
}

void add_remote_desktop(pugi::xml_node pass) {
  add_flag(add_component(pass, "Microsoft-Windows-TerminalServices-LocalSessionManager"), "fDenyTSConnections", false);
  auto rdp = add_component(pass, "Microsoft-Windows-TerminalServices-RDP-WinStationExtensions");
  add_number(rdp, "SecurityLayer", 2);       // TLS
  add_number(rdp, "UserAuthentication", 1);  // NLA
  auto groups = add(add_component(pass, "Networking-MPSSVC-Svc"), "FirewallGroups");
  auto group = add_keyed_item(groups, "FirewallGroup", "RemoteDesktop");
  add_flag(group, "Active", true);
  add_text(group, "Group", "@FirewallAPI.dll,-28752");  // Remote Desktop, in every language
  add_text(group, "Profile", "all");
}

void add_specialize(pugi::xml_node root, const AnswerSettings& settings) {
  auto pass = add_pass(root, "specialize");
  auto shell = add_component(pass, "Microsoft-Windows-Shell-Setup");
  add_text(shell, "ComputerName", settings.computer_name);
  add_text(shell, "RegisteredOrganization", owner);
  add_text(shell, "RegisteredOwner", owner);
  add_text(shell, "TimeZone", settings.time_zone);
  add_remote_desktop(pass);
  if (!facts_of(settings.release).client) {
    add_flag(add_component(pass, "Microsoft-Windows-ServerManager-SvrMgrNc"), "DoNotOpenServerManagerAtLogon", true);
  }
  add_commands(add_component(pass, "Microsoft-Windows-Deployment"), specialize_commands(settings));
}

/// Setup's form of a password: Base64 of UTF-16 with the element's name behind it. It hides nothing.
void add_password(pugi::xml_node shell, const Secret& password) {
  constexpr std::string_view element_name = "AdministratorPassword";
  std::string text;
  text.reserve(password.size() + element_name.size());  // without a copy that would not be wiped
  text.append(password.reveal()).append(element_name);
  auto plain = utf16_of(text);
  auto encoded = base64_of(plain);
  auto element = add(add(shell, "UserAccounts"), element_name.data());
  add_text(element, "Value", encoded);
  add_flag(element, "PlainText", false);
  wipe(text);
  wipe(plain);
  wipe(encoded);
}

void add_oobe_system(pugi::xml_node root, const AnswerSettings& settings) {
  constexpr unsigned express_settings_off = 3;
  auto pass = add_pass(root, "oobeSystem");
  add_languages(add_component(pass, "Microsoft-Windows-International-Core"), settings);
  add_flag(add_component(pass, "Microsoft-Windows-SecureStartup-FilterDriver"), "PreventDeviceEncryption", true);
  add_number(add_component(pass, "Microsoft-Windows-EnhancedStorage-Adm"), "TCGSecurityActivationDisabled", 1);
  add_flag(add_component(pass, "Microsoft-Windows-WinRE-RecoveryAgent"), "UninstallWindowsRE", true);
  auto shell = add_component(pass, "Microsoft-Windows-Shell-Setup");
  auto oobe = add(shell, "OOBE");
  add_flag(oobe, "HideEULAPage", true);
  add_flag(oobe, "HideLocalAccountScreen", true);
  add_flag(oobe, "HideOEMRegistrationScreen", true);
  add_flag(oobe, "HideOnlineAccountScreens", true);
  add_flag(oobe, "HideWirelessSetupInOOBE", true);
  add_number(oobe, "ProtectYourPC", express_settings_off);
  add_flag(oobe, "SkipMachineOOBE", true);
  add_flag(oobe, "SkipUserOOBE", true);
  add_text(shell, "TimeZone", settings.time_zone);
  if (settings.administrator_password != nullptr) add_password(shell, *settings.administrator_password);
}

}  // namespace

std::string answer_file(const AnswerSettings& settings) {
  check(settings);
  pugi::xml_document document;
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("utf-8");
  auto root = document.append_child("unattend");
  root.append_attribute("xmlns").set_value("urn:schemas-microsoft-com:unattend");
  root.append_attribute("xmlns:wcm").set_value("http://schemas.microsoft.com/WMIConfig/2002/State");
  add_windows_pe(root, settings);
  add_offline_servicing(root, settings);
  add_specialize(root, settings);
  add_oobe_system(root, settings);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return std::move(out).str();
}

}  // namespace rescue::windows
