//! TLS to PostgreSQL, through rustls.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};

use super::url::{PostgresUrl, Verify};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The TLS configuration of the client for that server; `None` if TLS is off.
pub(super) fn client_config(url: &PostgresUrl) -> Result<Option<ClientConfig>, BoxError> {
    let Some(verify) = url.verify else { return Ok(None) };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let chain = match verify {
        Verify::Nothing => None,
        Verify::Authority | Verify::AuthorityAndHost => Some(
            WebPkiServerVerifier::builder_with_provider(
                Arc::new(trusted_authorities(url)?),
                Arc::clone(&provider),
            )
            .build()?,
        ),
    };
    let config = match chain {
        Some(chain) if verify == Verify::AuthorityAndHost => builder.with_webpki_verifier(chain),
        chain => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(LenientVerifier { chain, provider })),
    };
    Ok(Some(config.with_no_client_auth()))
}

fn trusted_authorities(url: &PostgresUrl) -> Result<RootCertStore, BoxError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &url.root_certificates {
        let unreadable = |error| format!("sslrootcert ({}): {error}", path.display());
        for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
            roots.add(certificate.map_err(unreadable)?)?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err("no certificate of an authority to trust was found (sslrootcert)".into());
    }
    Ok(roots)
}

/// Verifies less than rustls does, because `sslmode` requires less: the authority but not the host
/// (with `chain`), or nothing (without).
#[derive(Debug)]
struct LenientVerifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for LenientVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // The chain is verified before the name, so an error about the name means that the chain is
        // valid.
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
