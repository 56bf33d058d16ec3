//! HTTP.
#[derive(Debug, Clone, serde::Deserialize)]
/// s
pub struct ServerSettings {}
