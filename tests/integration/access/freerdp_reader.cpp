// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/access/freerdp_reader.hpp"

#ifdef RESCUE_WITH_FREERDP_CLIENT
#include "core/handle.hpp"

#include <freerdp/assistance.h>
#include <freerdp/client/cmdline.h>
#include <freerdp/client/file.h>
#include <freerdp/freerdp.h>
#include <freerdp/settings.h>

#include <new>

namespace rescue::tests {
namespace {

using Settings = Handle<rdpSettings, freerdp_settings_free>;
using File = Handle<rdpFile, freerdp_client_rdp_file_free>;
using AssistanceFile = Handle<rdpAssistanceFile, freerdp_assistance_file_free>;

template <class Pointer>
Pointer made(Pointer pointer) {
  if (!pointer) throw std::bad_alloc();
  return pointer;
}

template <class Id>
std::string text(const rdpSettings* settings, Id id) {
  const char* const value = freerdp_settings_get_string(settings, id);
  return value == nullptr ? "" : value;
}

RdpSettings values_of(const rdpSettings* settings) {
  const auto flag = [settings](auto id) { return freerdp_settings_get_bool(settings, id) != FALSE; };
  RdpSettings values;
  values.host = text(settings, FreeRDP_ServerHostname);
  values.port = freerdp_settings_get_uint32(settings, FreeRDP_ServerPort);
  values.user = text(settings, FreeRDP_Username);
  values.domain = text(settings, FreeRDP_Domain);
  values.password = text(settings, FreeRDP_Password);
  values.accepted_fingerprints = text(settings, FreeRDP_CertificateAcceptedFingerprints);
  values.denies_other_certificates = flag(FreeRDP_AutoDenyCertificate);
  values.clipboard = flag(FreeRDP_RedirectClipboard);
  values.drives = flag(FreeRDP_RedirectDrives);
  values.printers = flag(FreeRDP_RedirectPrinters);
  values.smart_cards = flag(FreeRDP_RedirectSmartCards);
  values.serial_ports = flag(FreeRDP_RedirectSerialPorts);
  values.plays_audio = flag(FreeRDP_AudioPlayback);
  values.records_audio = flag(FreeRDP_AudioCapture);
  values.nla = flag(FreeRDP_NlaSecurity);
  return values;
}

}  // namespace

bool has_freerdp() { return true; }

std::optional<RdpSettings> read_rdp_file(const std::string& content) {
  const auto file = made(File(freerdp_client_rdp_file_new()));
  const auto settings = made(Settings(freerdp_settings_new(0)));
  const void* const bytes = content.data();
  if (!freerdp_client_parse_rdp_file_buffer(file.get(), static_cast<const BYTE*>(bytes), content.size()) ||
      !freerdp_client_populate_settings_from_rdp_file(file.get(), settings.get())) {
    return std::nullopt;
  }
  return values_of(settings.get());
}

std::optional<RdpSettings> read_rdp_arguments(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "xfreerdp");
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  const auto settings = made(Settings(freerdp_settings_new(0)));
  if (freerdp_client_settings_parse_command_line_arguments(settings.get(), static_cast<int>(pointers.size()),
                                                           pointers.data(), FALSE) != 0) {
    return std::nullopt;
  }
  return values_of(settings.get());
}

std::optional<Invitation> read_invitation(const std::string& xml) {
  const auto file = made(AssistanceFile(freerdp_assistance_file_new()));
  const auto settings = made(Settings(freerdp_settings_new(0)));
  if (freerdp_assistance_set_connection_string2(file.get(), xml.c_str(), "unused") != 1 ||
      !freerdp_assistance_populate_settings_from_assistance_file(file.get(), settings.get())) {
    return std::nullopt;
  }
  return Invitation{text(settings.get(), FreeRDP_RemoteAssistanceSessionId),
                    text(settings.get(), FreeRDP_ServerHostname),
                    freerdp_settings_get_uint32(settings.get(), FreeRDP_ServerPort),
                    freerdp_settings_get_uint32(settings.get(), FreeRDP_TargetNetAddressCount)};
}

}  // namespace rescue::tests

#else

namespace rescue::tests {

bool has_freerdp() { return false; }
std::optional<RdpSettings> read_rdp_file(const std::string&) { return std::nullopt; }
std::optional<RdpSettings> read_rdp_arguments(std::vector<std::string>) { return std::nullopt; }
std::optional<Invitation> read_invitation(const std::string&) { return std::nullopt; }

}  // namespace rescue::tests

#endif
