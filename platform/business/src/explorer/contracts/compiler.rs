//! A Solidity compiler. The explorer owns this seam; whoever assembles the program implements it.

use async_trait::async_trait;

/// Why nothing was compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompilerError {
    /// The compiler could not be run.
    #[error("The Solidity compiler could not be run: {0}")]
    NotRun(String),
    /// It took too long.
    #[error("The Solidity compiler took more than {0} seconds and was stopped.")]
    TooLong(u64),
    /// Its answer is larger than is sensible.
    #[error("The Solidity compiler's answer is too large.")]
    TooLarge,
}

/// Compiles Solidity by standard JSON, reading nothing but the input.
#[async_trait]
pub trait Compiler: Send + Sync {
    /// Which version it is.
    async fn version(&self) -> Result<String, CompilerError>;

    /// Standard JSON in, standard JSON out.
    async fn compile(&self, input: String) -> Result<String, CompilerError>;
}
