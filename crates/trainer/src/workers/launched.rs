//! What launchers of MPI jobs tell a process by its environment, before it has spoken to anybody.

/// Variables with the number of processes: of Open MPI, of MPICH and its relatives.
const SIZES: [&str; 2] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"];
/// Variables with a process's number among all.
const RANKS: [&str; 4] = [
    "OMPI_COMM_WORLD_RANK",
    "PMI_RANK",
    "PMIX_RANK",
    "SLURM_PROCID",
];
/// Variables with a process's number among those of its machine.
const LOCAL_RANKS: [&str; 4] = [
    "OMPI_COMM_WORLD_LOCAL_RANK",
    "MPI_LOCALRANKID",
    "SLURM_LOCALID",
    "LOCAL_RANK",
];

fn number(names: &[&str]) -> Option<usize> {
    let values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.into_iter().find_map(|value| value.parse().ok())
}

/// How many processes a launcher has started, if one has.
pub(super) fn size() -> Option<usize> {
    // Slurm sets its own even where a program is no MPI job; only `srun --mpi=pmix` and `--mpi=pmi2` make it one.
    let by_slurm = || {
        let is_job = std::env::var_os("PMIX_RANK").is_some();
        is_job
            .then(|| number(&["SLURM_NTASKS", "SLURM_NPROCS"]))
            .flatten()
    };
    number(&SIZES).or_else(by_slurm)
}

/// The number of this process among all, if a launcher has said it.
pub fn rank_of_launcher() -> Option<usize> {
    size().and(number(&RANKS))
}

/// The number of this process among those of its machine, if a launcher has said it: each takes a GPU of its own.
pub fn local_rank() -> Option<usize> {
    number(&LOCAL_RANKS)
}
