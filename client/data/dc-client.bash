# bash completion for dc-client: the options are what --help names.
_dc_client()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    case $prev in
    --record | --screenshot | --script | --report | --csv | --config)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --decoder)
        mapfile -t COMPREPLY < <(compgen -W 'auto software vaapi vdpau cuda' -- "$cur")
        return
        ;;
    --scale)
        mapfile -t COMPREPLY < <(compgen -W 'fit integer stretch' -- "$cur")
        return
        ;;
    --aspect | --refresh | --seconds | --warmup | --screenshot-at | --display | --audio-device) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null | grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u)" -- "$cur")
}
complete -o filenames -F _dc_client dc-client
