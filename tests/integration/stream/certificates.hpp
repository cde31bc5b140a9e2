// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A private CA and a certificate of it for a web server, made by openssl.

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace rescue::tests {

class Certificates {
public:
  struct Options {
    std::string folder = "ca";
    std::string name = "IP:127.0.0.1";  ///< subjectAltName of the server
    bool has_expired = false;
  };

  explicit Certificates(const ScratchFolder& scratch) : Certificates(scratch, Options{}) {}
  Certificates(const ScratchFolder& scratch, const Options& options) : folder_(scratch.file(options.folder)) {
    make_folder(folder_, 0755);
    write_file_atomically(file("extensions"), "subjectAltName=" + options.name + "\n", 0644);
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=" + options.folder, "-keyout", file("ca.key"), "-out", ca()});
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server", "-keyout",
             file("server.key"), "-out", file("server.csr")});
    openssl({"x509", "-req", "-in", file("server.csr"), "-CA", ca(), "-CAkey", file("ca.key"), "-CAcreateserial",
             "-days", options.has_expired ? "-1" : "2", "-extfile", file("extensions"), "-out", file("server.pem")});
  }

  [[nodiscard]] std::string ca() const { return file("ca.pem"); }
  /// For nginx.
  [[nodiscard]] std::string directives() const {
    return fmt::format("ssl_certificate {}; ssl_certificate_key {};", file("server.pem"), file("server.key"));
  }

private:
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  static void openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    run_checked({.argv = std::move(arguments), .input = {}, .environment = {}});
  }

  std::string folder_;
};

}  // namespace rescue::tests
