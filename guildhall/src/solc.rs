//! The Solidity compiler as a program beside this one, for verifying
//! contracts.

use async_trait::async_trait;
use platform_business::{Compiler, CompilerError};
use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::OnceCell,
};

/// The longest one compilation may take.
const TIME_MAX: Duration = Duration::from_secs(120);
/// The most bytes of one answer.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// `solc`, or anything that answers `--version` and `--standard-json` as it
/// does.
#[derive(Debug, Clone)]
pub(crate) struct Solc {
    program: PathBuf,
    version: Arc<OnceCell<String>>,
}

impl Solc {
    /// The compiler at `program`, else a `solc` on the path, else none.
    pub(crate) fn find(program: Option<PathBuf>) -> Option<Self> {
        if let Some(program) = program {
            // It runs in another folder: a relative path must not change.
            let program = std::path::absolute(&program).unwrap_or(program);
            return Some(Self::at(program));
        }
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path).map(|folder| folder.join("solc")).find(|file| file.is_file())?;
        Some(Self::at(program))
    }

    fn at(program: PathBuf) -> Self {
        Self { program, version: Arc::default() }
    }

    async fn ask_version(&self) -> Result<String, CompilerError> {
        let text = self.run("--version", String::new()).await?;
        let version = text.lines().find_map(|line| line.strip_prefix("Version: "));
        version.map(str::to_owned).ok_or_else(|| {
            CompilerError::NotRun(format!("{} does not say its version; is it solc?", self.program.display()))
        })
    }

    async fn run(&self, argument: &str, input: String) -> Result<String, CompilerError> {
        let not_run = |error: std::io::Error| CompilerError::NotRun(format!("{}: {error}", self.program.display()));
        // An empty folder and nothing of the environment but the path, which a
        // compiler that is a script needs: sources come from the input alone.
        let folder = tempfile::tempdir().map_err(not_run)?;
        let mut child = Command::new(&self.program)
            .arg(argument)
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_run)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let talk = async {
            let write = async {
                if let Some(mut stdin) = stdin {
                    // A compiler that stops reading says why in its answer.
                    let _ = stdin.write_all(input.as_bytes()).await;
                }
            };
            let mut answer = Vec::new();
            let read = async {
                if let Some(stdout) = stdout {
                    stdout.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut answer).await?;
                }
                Ok(())
            };
            let ((), read) = tokio::join!(write, read);
            read.map_err(not_run)?;
            if answer.len() as u64 > ANSWER_BYTES_MAX {
                return Err(CompilerError::TooLarge);
            }
            let status = child.wait().await.map_err(not_run)?;
            if !status.success() {
                return Err(CompilerError::NotRun(format!("{} ended with {status}", self.program.display())));
            }
            String::from_utf8(answer).map_err(|_| CompilerError::NotRun("its answer is not text".into()))
        };
        tokio::time::timeout(TIME_MAX, talk).await.unwrap_or(Err(CompilerError::TooLong(TIME_MAX.as_secs())))
    }
}

#[async_trait]
impl Compiler for Solc {
    async fn version(&self) -> Result<String, CompilerError> {
        self.version.get_or_try_init(|| self.ask_version()).await.cloned()
    }

    async fn compile(&self, input: String) -> Result<String, CompilerError> {
        self.run("--standard-json", input).await
    }
}
