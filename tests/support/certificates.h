#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace mailhaul::support {

// A certificate and its private key, both in PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct CertificateOptions {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName, in OpenSSL's words
  std::chrono::seconds valid_from{-3600};            // from now
  std::chrono::seconds valid_until{3600};            // from now
};

Identity SelfSigned(const CertificateOptions& options = {});

// A certificate authority that exists for one test.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  Identity Issue(const CertificateOptions& options = {}) const;
  // Path of a file with the authority's own certificate; it goes with the authority.
  const std::string& ca_file() const { return ca_file_; }

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string ca_file_;
};

}  // namespace mailhaul::support
