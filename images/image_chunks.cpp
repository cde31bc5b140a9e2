// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-image-chunks: writes the digests of an image's chunks for its manifest; builders of images run it.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/program.hpp"
#include "images/chunks.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>

namespace {

using rescue::images::ChunkDigests;

int write_digests(int argc, char** argv) {
  CLI::App app(
      "Writes the SHA-256 of each chunk of IMAGE to IMAGE.chunks, and prints the manifest's field \"chunks\".");
  app.footer("Example:\n  rescue-image-chunks standin.qcow2");
  std::string image;
  std::string output;
  auto chunk_size = ChunkDigests::default_chunk_size;
  app.add_option("IMAGE", image, "Image file")->required();
  app.add_option("--output", output, "File to write (default: IMAGE.chunks)");
  app.add_option("--chunk-size", chunk_size, "Bytes of a chunk: a power of two")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (output.empty()) output = image + ".chunks";
  const auto content = ChunkDigests::of_file(image, chunk_size).content();
  rescue::write_file_atomically(output, content, 0644);
  std::cout << nlohmann::json{{"name", std::filesystem::path(output).filename().string()},
                              {"sha256", rescue::images::sha256_of(content)}}
                   .dump()
            << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, write_digests); }
