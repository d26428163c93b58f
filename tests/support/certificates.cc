#include "tests/support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace mailhaul::support {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

void Check(bool done) {
  if (!done) throw std::runtime_error("OpenSSL refused to make a certificate");
}

std::string TakeText(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<size_t>(size)};
}

std::string Pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return TakeText(bio.get());
}

std::string Pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TakeText(bio.get());
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  Check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void SetCommonName(X509_NAME* name, const char* text) {
  const auto* const octets = reinterpret_cast<const unsigned char*>(text);
  Check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, octets, -1, -1, 0) == 1);
}

// Not yet signed; its own issuer.
Certificate Draft(EVP_PKEY* key, const char* common_name, const CertificateOptions& options) {
  static long serial = 0;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until.count());
  SetCommonName(X509_get_subject_name(certificate.get()), common_name);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  Check(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

void Sign(X509* certificate, EVP_PKEY* key) {
  Check(X509_sign(certificate, key, EVP_sha256()) != 0);
}

std::string WriteTemporaryFile(const std::string& text) {
  std::string path = "/tmp/mailhaul-ca-XXXXXX";
  const int file = mkstemp(path.data());
  Check(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(file);
  return path;
}

}  // namespace

Identity SelfSigned(const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = Draft(key.get(), "self-signed", options);
  AddExtension(certificate.get(), NID_subject_alt_name, options.names);
  Sign(certificate.get(), key.get());
  return {.certificate = Pem(certificate.get()), .key = Pem(key.get())};
}

struct CertificateAuthority::Keys {
  Key key;
  Certificate certificate;
};

CertificateAuthority::CertificateAuthority() : keys_(std::make_unique<Keys>()) {
  keys_->key.reset(EVP_EC_gen("P-256"));
  keys_->certificate = Draft(keys_->key.get(), "mailhaul test authority", {});
  AddExtension(keys_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  Sign(keys_->certificate.get(), keys_->key.get());
  ca_file_ = WriteTemporaryFile(Pem(keys_->certificate.get()));
}

CertificateAuthority::~CertificateAuthority() { unlink(ca_file_.c_str()); }

Identity CertificateAuthority::Issue(const CertificateOptions& options) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = Draft(key.get(), "mailhaul test server", options);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  AddExtension(certificate.get(), NID_subject_alt_name, options.names);
  Sign(certificate.get(), keys_->key.get());
  return {.certificate = Pem(certificate.get()), .key = Pem(key.get())};
}

}  // namespace mailhaul::support
