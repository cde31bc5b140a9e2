// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-rdp-login: logs in by NLA and hangs up before a desktop opens. It is a separate program because it runs in the
// probe's network namespace, and because a crash or hang of the protocol library must not affect rescued. It does what
// `xfreerdp +auth-only` does, without the X server that xfreerdp needs even then.
#include "core/handle.hpp"
#include "orchestrator/access/give_up_root.hpp"
#include "orchestrator/rdp/login_protocol.hpp"

#include <freerdp/freerdp.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>
#include <winpr/wlog.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace login = rescue::rdp::login;

namespace {

/// Context of FreeRDP with our own data: callbacks get only the instance.
struct LoginContext {
  rdpContext base;  // must be first for FreeRDP
  const char* expected_fingerprint;
  bool certificate_seen;
  bool certificate_accepted;
};

LoginContext& context_of(freerdp* instance) { return *reinterpret_cast<LoginContext*>(instance->context); }

std::string fingerprint_of(const BYTE* pem, std::size_t size) {
  const rescue::Handle<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem, static_cast<int>(size)));
  const rescue::Handle<X509, X509_free> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &length) != 1) return {};
  std::string text;
  for (unsigned index = 0; index < length; ++index) {
    std::array<char, 4> part{};
    (void)std::snprintf(part.data(), part.size(), index == 0 ? "%02x" : ":%02x", digest[index]);
    text += part.data();
  }
  return text;
}

int verify_certificate(freerdp* instance, const BYTE* data, std::size_t size, const char*, UINT16, DWORD) {
  auto& context = context_of(instance);
  context.certificate_seen = true;
  context.certificate_accepted = fingerprint_of(data, size) == context.expected_fingerprint;
  constexpr int accept_once = 2;
  return context.certificate_accepted ? accept_once : 0;
}

int say(login::ExitCode code, const char* text) {
  (void)std::printf("%s\n", text);
  return code;
}

/// Maps errors to verdicts. Only an answer of the server is a refusal; everything else may be the network.
int verdict_of(freerdp* instance) {
  const auto& context = context_of(instance);
  const auto error = freerdp_get_last_error(instance->context);
  switch (error) {
  case FREERDP_ERROR_CONNECT_LOGON_FAILURE:
  case FREERDP_ERROR_CONNECT_WRONG_PASSWORD:
  case FREERDP_ERROR_AUTHENTICATION_FAILED:
    return say(login::refused, "the server refused the password");
  case FREERDP_ERROR_CONNECT_ACCOUNT_DISABLED:
    return say(login::refused, "the account is disabled");
  case FREERDP_ERROR_CONNECT_ACCOUNT_LOCKED_OUT:
    return say(login::refused, "the account is locked out");
  case FREERDP_ERROR_CONNECT_ACCOUNT_EXPIRED:
    return say(login::refused, "the account has expired");
  case FREERDP_ERROR_CONNECT_ACCOUNT_RESTRICTION:
    return say(login::refused, "the account is restricted");
  case FREERDP_ERROR_CONNECT_PASSWORD_MUST_CHANGE:
  case FREERDP_ERROR_CONNECT_PASSWORD_EXPIRED:
  case FREERDP_ERROR_CONNECT_PASSWORD_CERTAINLY_EXPIRED:
    return say(login::refused, "the server requires a password change first");
  case FREERDP_ERROR_CONNECT_LOGON_TYPE_NOT_GRANTED:
  case FREERDP_ERROR_CONNECT_ACCESS_DENIED:
  case FREERDP_ERROR_INSUFFICIENT_PRIVILEGES:
    return say(login::refused, "the account may not log in remotely");
  default:
    break;
  }
  if (context.certificate_seen && !context.certificate_accepted) {
    return say(login::unreachable, "the server's certificate differs from the one just seen");
  }
  if (context.certificate_accepted) {
    return say(login::broke_off,
               "the server broke off the authentication, as some servers do when they refuse a password");
  }
  return say(login::unreachable, freerdp_get_last_error_string(error));
}

/// Password from stdin, in a buffer that is wiped.
class Password {
public:
  Password() {
    std::size_t used = 0;
    for (ssize_t count = 0; used < text_.size() - 1; used += static_cast<std::size_t>(count)) {
      count = ::read(STDIN_FILENO, text_.data() + used, text_.size() - 1 - used);
      if (count <= 0) break;
    }
  }
  ~Password() { OPENSSL_cleanse(text_.data(), text_.size()); }
  Password(const Password&) = delete;
  Password& operator=(const Password&) = delete;
  [[nodiscard]] const char* c_str() const { return text_.data(); }

private:
  std::array<char, 512> text_{};
};

/// Folder that FreeRDP may write to: $HOME if it belongs to nobody, as rescued creates it; else, if root starts us by
/// hand, a temporary folder.
class Home {
public:
  Home() {
    struct stat status {};
    const char* const given = std::getenv("HOME");
    if (::geteuid() != 0 ||
        (given != nullptr && ::stat(given, &status) == 0 && status.st_uid == rescue::access::nobody)) {
      return;
    }
    if (::mkdtemp(path_.data()) == nullptr) return;
    made_ = ::chown(path_.c_str(), rescue::access::nobody, rescue::access::nobody) == 0;
    ::setenv("HOME", path_.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", path_.c_str(), 1);
  }
  ~Home() {
    std::error_code ignored;
    if (made_) std::filesystem::remove_all(path_, ignored);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

private:
  std::string path_ = "/tmp/rescue-rdp-login.XXXXXX";
  bool made_ = false;
};

bool configure(rdpSettings* settings, char** argv, unsigned port, const Password& password) {
  // A key is a number in FreeRDP 2, and of an enum for each type in FreeRDP 3.
  const auto set = [&](auto key, bool value) {
    return freerdp_settings_set_bool(settings, key, value ? TRUE : FALSE) != FALSE;
  };
  return freerdp_settings_set_string(settings, FreeRDP_ServerHostname, argv[1]) &&
         freerdp_settings_set_uint32(settings, FreeRDP_ServerPort, port) &&
         freerdp_settings_set_string(settings, FreeRDP_Username, argv[3]) &&
         freerdp_settings_set_string(settings, FreeRDP_Domain, "") &&
         freerdp_settings_set_string(settings, FreeRDP_Password, password.c_str()) &&
         set(FreeRDP_AuthenticationOnly, true) && set(FreeRDP_ExternalCertificateManagement, true) &&
         set(FreeRDP_NegotiateSecurityLayer, true) && set(FreeRDP_NlaSecurity, true) &&
         set(FreeRDP_TlsSecurity, false) && set(FreeRDP_RdpSecurity, false) && set(FreeRDP_ExtSecurity, false) &&
         freerdp_settings_set_uint32(settings, FreeRDP_TlsSecLevel, 0);
}

int log_in(char** argv, unsigned port) {
  const Password password;
  const rescue::Handle<freerdp, freerdp_free> instance(freerdp_new());
  if (!instance) return say(login::unreachable, "out of memory");
  instance->ContextSize = sizeof(LoginContext);
  instance->VerifyX509Certificate = verify_certificate;
  if (freerdp_context_new(instance.get()) == FALSE) return say(login::unreachable, "out of memory");
  context_of(instance.get()).expected_fingerprint = argv[4];
  int verdict = login::unreachable;
  if (!configure(instance->context->settings, argv, port, password)) {
    verdict = say(login::unreachable, "FreeRDP refuses a setting");
  } else if (freerdp_connect(instance.get()) != FALSE) {
    verdict = login::accepted;
  } else {
    verdict = verdict_of(instance.get());
  }
  freerdp_disconnect(instance.get());
  freerdp_context_free(instance.get());
  return verdict;
}

}  // namespace

int main(int argc, char** argv) {
  unsigned port = 0;
  const std::string_view port_text = argc == 5 ? argv[2] : "";
  std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (port == 0 || port > 65535) {
    (void)std::fputs("usage: rescue-rdp-login ADDRESS PORT USER CERTIFICATE_SHA256 < password\n"
                     "Proves a password by NLA. Exits 0 accepted, 10 refused, 11 broken off, 12 unreachable.\n",
                     stderr);
    return login::usage;
  }
  const Home home;
  if (!rescue::access::give_up_root()) return say(login::unreachable, "cannot give up root's privileges");
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);  // its messages name the user, and nobody reads them
  return log_in(argv, port);
}
